{{ typed_landing('github', 'teams') }}
