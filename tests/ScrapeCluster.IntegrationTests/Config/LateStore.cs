using System.Reflection;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.IntegrationTests.Config;

/// <summary>A store that answers nothing until it comes.</summary>
internal sealed class LateStore : IAsyncDisposable
{
    private readonly ICoordinationStore _store;

    public LateStore(ICoordinationStore store)
    {
        _store = store;
        Seen = DispatchProxy.Create<ICoordinationStore, Gate>();
        ((Gate)Seen).Store = store;
    }

    public ICoordinationStore Seen { get; }

    public void Come() => ((Gate)Seen).IsOpen = true;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    public class Gate : DispatchProxy
    {
        public ICoordinationStore? Store { get; set; }

        public bool IsOpen { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            IsOpen ? targetMethod!.Invoke(Store, args) : throw new StoreUnavailableException("it has not come");
    }
}
