{{ typed_landing('github', 'repositories') }}
