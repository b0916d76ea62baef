{% macro unknown_keys(meta, of) %}
    {% set unknown = meta.keys() | reject('in', known_meta(of)) | sort %}
    {{ return([
        'meta has no key ' ~ unknown | join(', ') ~ '; a ' ~ of ~ ' has ' ~ known_meta(of) | join(', ') ~ '.'
    ] if unknown else []) }}
{% endmacro %}
