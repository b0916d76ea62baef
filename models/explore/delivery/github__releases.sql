{{ typed_landing('github', 'releases') }}
