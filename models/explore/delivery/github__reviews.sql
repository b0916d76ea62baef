{{ typed_landing('github', 'reviews') }}
