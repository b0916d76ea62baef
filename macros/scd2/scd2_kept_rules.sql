{% macro scd2_kept_rules(shape) %}
    {#- What decides which versions there are; kept in the comment of the events table. -#}
    {%- set kept = {} -%}
    {%- for rule in ['unique_key', 'updated_at', 'operation', 'check_cols', 'sequence', 'record_hash', 'delivery'] -%}
        {%- do kept.update({rule: shape[rule]}) -%}
    {%- endfor -%}
    {{ return(tojson(kept)) }}
{% endmacro %}
