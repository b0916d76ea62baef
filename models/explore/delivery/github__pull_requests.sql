{{ typed_landing('github', 'pull_requests') }}
