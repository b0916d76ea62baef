{% macro wrote_rows(result) %}
    {{ return(
        is_built_table(result)
        and (is_made_anew(result.node) or result.adapter_response.get('rows_affected') != 0)
    ) }}
{% endmacro %}
