drop function quality.expectations(bigint[]);
drop function quality.training(bigint[]);
drop function quality.month_place(timestamptz);
drop function quality.off_scale(double precision, text);
drop function quality.on_scale(double precision, text);
drop function quality.is_measured(double precision);
