{% macro equal_shares(bins) %}
    {% set shares = [] %}
    {% for number in range(1, bins) %}
        {% do shares.append(number / bins) %}
    {% endfor %}
    {{ return(shares) }}
{% endmacro %}
