{{ typed_landing('github', 'deployment_statuses') }}
