{{ typed_landing('jira', 'issues') }}
