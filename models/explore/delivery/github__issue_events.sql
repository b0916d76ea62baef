{{ typed_landing('github', 'issue_events') }}
