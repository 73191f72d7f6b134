namespace ScrapeCluster.Tests.Actors;

/// <summary>The alarm of the real time; that of a test's clock is what all other timer tests run on.</summary>
public sealed class AlarmTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public void Of_TheRealTime_HasAThread()
    {
        using var alarm = Alarm.Of(TimeProvider.System, static () => { });
        Assert.IsType<AlarmThread>(alarm);
        using var other = Alarm.Of(new Testing.ManualTimeProvider(), static () => { });
        Assert.IsType<ProviderAlarm>(other);
    }

    [Fact]
    public void Set_OnATestsClock_RingsToTheTick()
    {
        var time = new Testing.ManualTimeProvider();
        var rings = 0;
        using var alarm = Alarm.Of(time, () => rings++);
        alarm.Set(TimeSpan.FromTicks(10_001));
        time.Advance(TimeSpan.FromTicks(10_000));
        Assert.Equal(0, rings);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, rings);
    }

    [Fact]
    public async Task Set_RingsOnceAndNeverEarly()
    {
        for (var milliseconds = 0.0; milliseconds < 20; milliseconds += 1.7)
        {
            var rings = 0;
            var rung = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            using var alarm = new AlarmThread(() =>
            {
                Interlocked.Increment(ref rings);
                rung.TrySetResult(TimeProvider.System.GetTimestamp());
            });
            var wait = TimeSpan.FromMilliseconds(milliseconds);
            var start = TimeProvider.System.GetTimestamp();
            alarm.Set(wait);
            var waited = TimeProvider.System.GetElapsedTime(start, await rung.Task.WaitAsync(Deadline, TestContext.Current.CancellationToken));

            Assert.True(waited + TimeSpan.FromMicroseconds(1) >= wait, $"rang after {waited}, set for {wait}");
            Assert.Equal(1, rings);
        }
    }

    [Fact]
    public async Task Set_Sooner_ReplacesWhatWasSet()
    {
        var rung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var alarm = new AlarmThread(rung.SetResult);
        alarm.Set(TimeSpan.MaxValue);
        alarm.Set(TimeSpan.FromDays(100));
        alarm.Set(TimeSpan.Zero);

        await rung.Task.WaitAsync(Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Set_AgainFromTheRing_RingsAgain()
    {
        var left = 100;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AlarmThread? alarm = null;
        alarm = new AlarmThread(() =>
        {
            if (--left == 0)
            {
                done.SetResult();
            }
            else
            {
                alarm!.Set(TimeSpan.FromTicks(left % 3));
            }
        });
        alarm.Set(TimeSpan.Zero);

        await done.Task.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        alarm.Dispose();
    }

    [Fact]
    public void Dispose_Twice_AndSetAfterwards_DoNothing()
    {
        var alarm = new AlarmThread(static () => Assert.Fail("it was not set in time"));
        alarm.Set(TimeSpan.FromDays(1));
        alarm.Dispose();
        alarm.Dispose();
        alarm.Set(TimeSpan.Zero);
    }
}
