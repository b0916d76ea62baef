{% macro column_complaints(column, columns) %}
    {% set meta = column.config.meta or column.meta %}
    {% set complaints = unknown_keys(meta, 'column') %}
    {% set levels, level, pii = classification_levels(), meta.get('classification'), meta.get('pii') %}
    {% if 'classification' in meta and level not in levels %}
        {% do complaints.append('classification must be one of ' ~ levels | join(', ') ~ '.') %}
    {% endif %}
    {% if 'pii' in meta and (pii is not string or pii not in pii_patterns()) %}
        {% do complaints.append('pii must be one of ' ~ pii_patterns() | join(', ') ~ '.') %}
    {% elif pii and level in levels and levels.index(level) < levels.index(pii_patterns()[pii][1]) %}
        {% do complaints.append(
            'personal data of the kind ' ~ pii ~ ' is ' ~ pii_patterns()[pii][1] ~ ' at least, not ' ~ level ~ '.'
        ) %}
    {% endif %}
    {% if 'mask' in meta %}
        {% do complaints.extend(mask_complaints(column, columns, meta.mask)) %}
    {% endif %}
    {{ return(complaints) }}
{% endmacro %}
