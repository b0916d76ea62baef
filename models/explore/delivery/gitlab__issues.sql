{{ typed_landing('gitlab', 'issues') }}
