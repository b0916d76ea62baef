{% macro check_shares(shares, cut_points) %}
    {% if cut_points is none and (shares is not mapping or not shares) %}
        {% do refuse_argument('shares', 'must be a mapping from value to share.') %}
    {% endif %}
    {% set wrong_list = shares is mapping or shares is string or shares is not sequence %}
    {% if cut_points is not none and (wrong_list or shares | length != cut_points | length + 1) %}
        {% do refuse_argument('shares', 'must be a list with one share more than there are cut_points.') %}
    {% endif %}
    {% set listed = shares.values() | list if shares is mapping else shares %}
    {% for share in listed %}
        {% do check_number('each of shares', share, at_least=0, at_most=1) %}
    {% endfor %}
    {% if listed | sum > 1.000001 %}
        {% do refuse_argument('shares', 'must not be more than 1 together, and are ' ~ listed | sum ~ '.') %}
    {% endif %}
{% endmacro %}
