{{ typed_landing('jira', 'issue_changes') }}
