{{ typed_landing('git', 'refs') }}
