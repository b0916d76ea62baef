{{ typed_landing('github', 'issues') }}
