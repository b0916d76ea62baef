{{ typed_landing('github', 'organisations') }}
