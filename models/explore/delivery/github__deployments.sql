{{ typed_landing('github', 'deployments') }}
