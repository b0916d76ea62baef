{{ typed_landing('gitlab', 'deployments') }}
