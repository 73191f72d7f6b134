using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Tests.Storage.Head;

/// <summary>What is taken out of the head is used again when no reader can hold it, and not before.</summary>
public sealed class ReaderEpochsTests
{
    private readonly ReaderEpochs _epochs = new();
    private readonly RetiredItems _retired;

    public ReaderEpochsTests()
    {
        _retired = new RetiredItems(_epochs);
    }

    [Fact]
    public void TryTake_ReaderCameBefore_WaitsForItAlone()
    {
        var before = _epochs.Enter();
        _retired.Add(RetiredKind.Row, 7);
        var sameEpoch = _epochs.Enter();
        Assert.False(TryTake(out _));
        using var after = _epochs.Enter();
        before.Dispose();
        Assert.False(TryTake(out _));
        sameEpoch.Dispose();
        Assert.True(TryTake(out var row));
        Assert.Equal(7u, row);
    }

    [Fact]
    public void TryTake_ReadersComeAndGoAllTheTime_IsNotHeldBackForEver()
    {
        _retired.Add(RetiredKind.Row, 7);
        var reader = _epochs.Enter();
        var rounds = 0;
        while (!TryTake(out _))
        {
            var next = _epochs.Enter();
            reader.Dispose();
            reader = next;
            Assert.True(++rounds < 4, "each round leaves one epoch behind");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TryTake_RandomReaders_NeverTakesWhatOneOfThemMayHold(int seed)
    {
        var random = new Random(seed);
        var readers = new List<(ReaderEpochs.Reader Reader, uint MayHoldFrom)>();
        var (added, taken) = (0u, 0u);
        for (var step = 0; step < 100_000; step++)
        {
            var index = random.Next(readers.Count + 1);
            switch (random.Next(4))
            {
                case 0 when readers.Count < 5:
                    readers.Add((_epochs.Enter(), added));
                    break;
                case 1 when index < readers.Count:
                    readers[index].Reader.Dispose();
                    readers.RemoveAt(index);
                    break;
                case 2:
                    _retired.Add(RetiredKind.Row, added++);
                    break;
                case 3 when TryTake(out var id):
                    Assert.Equal(taken++, id);
                    Assert.All(readers, reader => Assert.True(id < reader.MayHoldFrom, $"{id} is taken from a reader that may hold {reader.MayHoldFrom} and later ones"));
                    break;
            }
        }

        readers.ForEach(reader => reader.Reader.Dispose());
        while (TryTake(out _))
        {
            taken++;
        }

        Assert.Equal(added, taken);
    }

    private bool TryTake(out uint id) => _retired.TryTake(out _, out id, out _);
}
