{{ typed_landing('jira', 'projects') }}
