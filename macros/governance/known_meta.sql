{% macro known_meta(of) %}
    {#- Keys of config.meta that mean something here; src/atlas/metadata.py knows the same. -#}
    {{ return({
        'column': [
            'classification', 'pii', 'mask', 'lookup', 'subject_key', 'declassified', 'quality', 'run_stamp',
            'sightings', 'required', 'accepted_values', 'pattern', 'min', 'max',
        ],
        'table': ['owner', 'retention', 'row_access', 'quality', 'sightings', 'landing'],
        'row_access': ['condition', 'unless'],
    }[of]) }}
{% endmacro %}
