drop function quality.expectations(bigint[]);
drop function quality.training(bigint[]);
drop function quality.month_place(date);
drop function quality.hours_since_1970(timestamptz);
drop function quality.off_scale(double precision, text);
drop function quality.on_scale(double precision, text);
drop function quality.is_measured(double precision);
