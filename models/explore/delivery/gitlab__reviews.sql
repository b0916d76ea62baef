{{ typed_landing('gitlab', 'reviews') }}
