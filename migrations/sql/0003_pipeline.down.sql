drop table pipeline.batches_read;
drop table pipeline.checkpoints;
drop table pipeline.task_runs;
drop table pipeline.pipeline_runs;
drop table pipeline.pipelines;
