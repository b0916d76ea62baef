{{ typed_landing('crm', 'customers') }}
