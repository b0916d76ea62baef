do $$
begin
    if exists (select from quality.test_runs) then
        raise exception 'quality.test_runs is not empty: results would be lost. Archive and delete them first.';
    end if;
end
$$;

drop view quality.table_scores;
drop function quality.record_test_runs(jsonb);
drop table quality.test_runs;
