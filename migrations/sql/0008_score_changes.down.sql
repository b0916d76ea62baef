drop view quality.score_changes;
drop view quality.score_trends;
drop function quality.compare_rules(text, text, date, date);
