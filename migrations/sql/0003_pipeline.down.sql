-- Nothing can rebuild these. Without batches_read, dbt's incremental models would read every batch once more and append
-- it to what they have.
do $$
begin
    if exists (select from pipeline.batches_read) or exists (select from pipeline.checkpoints)
        or exists (select from pipeline.pipeline_runs)
    then
        raise exception 'Runs, checkpoints or batches read are on record, and would be lost. Archive and delete them first.';
    end if;
end
$$;

drop table pipeline.batches_read;
drop table pipeline.checkpoints;
drop table pipeline.task_runs;
drop table pipeline.pipeline_runs;
drop table pipeline.pipelines;
