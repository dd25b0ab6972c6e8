-- What months are expected to cost, as seen from the day after the week. Parameter: that day.
select scope, id, period, actual, low, expected, high, method
from forecasts
where made_on = cast(? as date)
order by period, scope desc, id
