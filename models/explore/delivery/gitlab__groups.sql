{{ typed_landing('gitlab', 'groups') }}
