using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Actors;

/// <summary>
/// Asynchronous handlers. While the task of one runs, the mailbox runs nothing but its continuations, each on the actor's
/// turn, so that Context, Self and Sender hold after every await.
/// </summary>
internal sealed partial class ActorCell
{
    private ActorSynchronizationContext? _synchronizationContext;

    public bool IsAwaitingTask { get; private set; }

    public void RunTask(Func<Task> action)
    {
        if (IsAwaitingTask)
        {
            throw new InvalidOperationException($"{SelfRef} runs a task already; await the second one inside the first.");
        }

        _synchronizationContext ??= new ActorSynchronizationContext(Mailbox);
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_synchronizationContext);
        Task task;
        try
        {
            task = action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        if (task.IsCompletedSuccessfully)
        {
            return;
        }

        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
        }

        IsAwaitingTask = true;
        task.ContinueWith(
            static (done, cell) => ((ActorCell)cell!).Mailbox.PostContinuation(static pair => CompleteTask(pair!), new Completion((ActorCell)cell, done)),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a handler throws is the supervisor's to judge.")]
    public void RunContinuation(Mailbox.Continuation continuation)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_synchronizationContext);
        try
        {
            continuation.Callback(continuation.State);
        }
        catch (Exception e)
        {
            Fail(e);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private static void CompleteTask(object state)
    {
        var (cell, task) = (Completion)state;
        if (cell.IsTerminated)
        {
            return;
        }

        cell.IsAwaitingTask = false;
        if (task.IsFaulted)
        {
            cell.Fail(task.Exception.InnerException!);
        }
        else if (task.IsCanceled)
        {
            cell.Fail(new TaskCanceledException(task));
        }

        cell._inWork = default;
    }

    private sealed record Completion(ActorCell Cell, Task Task);
}

/// <summary>Brings the rest of an asynchronous handler back to its actor's turn.</summary>
internal sealed class ActorSynchronizationContext(Mailbox mailbox) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => mailbox.PostContinuation(d, state);

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("An actor's turn cannot be waited for; use Post or await.");

    public override SynchronizationContext CreateCopy() => this;
}
