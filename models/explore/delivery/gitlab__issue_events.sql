{{ typed_landing('gitlab', 'issue_events') }}
