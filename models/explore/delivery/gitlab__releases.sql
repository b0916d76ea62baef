{{ typed_landing('gitlab', 'releases') }}
