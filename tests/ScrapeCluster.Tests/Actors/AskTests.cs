using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class AskTests : TestKit
{
    [Fact]
    public async Task Ask_Answered_GivesTheReply()
    {
        var probe = CreateTestProbe();
        var ask = probe.Ref.Ask<int>("question", TimeSpan.FromSeconds(1));
        probe.ExpectMsg("question");
        probe.Reply(5);
        Assert.Equal(5, await ask);
    }

    [Fact]
    public async Task Ask_Unanswered_TimesOut_AndTheLateAnswerIsADeadLetter()
    {
        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        var probe = CreateTestProbe();
        var ask = probe.Ref.Ask<int>("question", TimeSpan.FromSeconds(1));
        probe.ExpectMsg("question");
        TestScheduler.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<AskTimeoutException>(() => ask.WaitAsync(Patience));
        probe.Reply(5);
        Assert.Equal(5, ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public async Task Ask_AnsweredWithFailure_FailsWithItsCause()
    {
        var probe = CreateTestProbe();
        var ask = probe.Ref.Ask<int>("question");
        probe.ExpectMsg("question");
        probe.Reply(new Status.Failure(new NotSupportedException("no")));
        await Assert.ThrowsAsync<NotSupportedException>(() => ask.WaitAsync(Patience));
    }

    [Fact]
    public async Task Ask_AnsweredWithAnotherType_Fails()
    {
        var probe = CreateTestProbe();
        var ask = probe.Ref.Ask<int>("question");
        probe.ExpectMsg("question");
        probe.Reply("text");
        await Assert.ThrowsAsync<ArgumentException>(() => ask.WaitAsync(Patience));
    }

    [Fact]
    public async Task Ask_Cancelled_EndsAtOnce()
    {
        using var cancellation = new CancellationTokenSource();
        var ask = CreateTestProbe().Ref.Ask<int>("question", cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ask.WaitAsync(Patience));
    }

    [Fact]
    public void PipeTo_DeliversResultAndFailure()
    {
        _ = Task.FromResult(5).PipeTo(TestActor);
        ExpectMsg(5);
        _ = Task.FromResult(5).PipeTo(TestActor, success: i => $"{i}");
        ExpectMsg("5");
        _ = Task.FromException<int>(new NotSupportedException("no")).PipeTo(TestActor);
        Assert.IsType<NotSupportedException>(ExpectMsg<Status.Failure>().Cause);
        _ = Task.FromException(new NotSupportedException("no")).PipeTo(TestActor, failure: e => e.Message);
        ExpectMsg("no");
        _ = Task.CompletedTask.PipeTo(TestActor);
        ExpectNoMsgAfter();
    }
}
