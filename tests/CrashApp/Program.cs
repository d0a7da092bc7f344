using Lambda.CrashApp;
using Lambda.Hosting;
using Lambda.Windows;

// The application that tests kill in the middle of its work.
var app = LambdaApplication.CreateBuilder(args);

var beats = app.Stream<Beat>(Beat.Stream)
    .EventTime(b => b.At)
    .EventId(b => b.Id)
    .PartitionBy(b => b.Sensor)
    .Partitions(Beat.Partitions)
    .OutOfOrderness(TimeSpan.FromSeconds(Beat.OutOfOrderSeconds))
    .Check("plausible", b => b.Value >= Beat.LeastValue);

// A row per event, in which one that is lost or doubled shows.
beats.View(Beat.EachView)
    .GroupBy(b => b.Id)
    .Window(Tumbling.Every(TimeSpan.FromDays(1)))
    .Aggregate(a => new { Beats = a.Count(), Value = a.Sum(b => b.Value) });

beats.View(Beat.SensorView)
    .GroupBy(b => b.Sensor)
    .Window(Tumbling.Every(TimeSpan.FromMinutes(1)))
    .AllowedLateness(TimeSpan.FromSeconds(Beat.LatenessSeconds))
    .Aggregate(a => new { Beats = a.Count(), Value = a.Sum(b => b.Value), Highest = a.Max(b => b.Value) });

// Late beats are judged by sessions that are live, which a process has to take over from the one that was killed.
beats.View(Beat.SessionView)
    .GroupBy(b => b.Sensor)
    .Window(Session.WithGap(TimeSpan.FromSeconds(Beat.GapSeconds)))
    .Aggregate(a => new { Beats = a.Count(), Value = a.Sum(b => b.Value) });

// The windows of a count depend on the order of every beat before.
beats.View(Beat.RunView)
    .GroupBy(b => b.Sensor)
    .Window(Count.Of(Beat.RunBeats, timeout: TimeSpan.FromSeconds(Beat.RunSeconds)))
    .Aggregate(a => new { Beats = a.Count(), Value = a.Sum(b => b.Value) });

return await app.Build().RunAsync();
