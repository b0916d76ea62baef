{{ typed_landing('jira', 'statuses') }}
