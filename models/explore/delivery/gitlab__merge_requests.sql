{{ typed_landing('gitlab', 'merge_requests') }}
