{{ typed_landing('gitlab', 'projects') }}
