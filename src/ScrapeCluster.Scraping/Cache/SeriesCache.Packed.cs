using System.Buffers;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>The packed form: what a page that stands still needs, and no more.</summary>
internal sealed partial class SeriesCache
{
    /// <summary>So many rounds in which all lines came as expected make the cache pack itself.</summary>
    private const int QuietRounds = 3;

    /// <summary>A block ends behind a line whose hash has these bits unset, so after 32 lines on average, wherever it began.</summary>
    private const ulong BorderMask = 31;

    /// <summary>Or when the next line would make it longer.</summary>
    private const int MostBlockBytes = 16 << 10;

    // In the packed form the texts of all entries in the order of their ids; in the loose form the tail is the last one. Filled ones are others' too.
    private byte[][] _blocks = [];
    private int _quietRounds;

    // Texts are asked for by rising ids: where the last one was found in the packed form.
    private int _foundId;
    private TextPlace _found;

    /// <summary>What the cache holds in memory, texts that it shares with others included.</summary>
    public long SizeBytes => _blocks.Sum(static block => block.Length + 24L + sizeof(long)) + (_entries.Length * 8L) + ((_slots.Length + _next.Length) * 4L) + (_places.Length * 8L);

    public ReadOnlySpan<byte> TextOf(int id)
    {
        var place = _isLoose ? _places[id] : FindPacked(id);
        var start = place.Start;
        var length = TextBlock.LengthAt(_blocks[place.Block], ref start);
        return _blocks[place.Block].AsSpan(start, length);
    }

    private TextPlace FindPacked(int id)
    {
        if (id < _foundId)
        {
            (_foundId, _found) = (0, default);
        }

        var (block, start) = _found;
        for (; _foundId < id; _foundId++)
        {
            start = TextBlock.LengthAt(_blocks[block], ref start) + start;
            if (start == _blocks[block].Length)
            {
                (block, start) = (block + 1, 0);
            }
        }

        return _found = new TextPlace(block, start);
    }

    /// <summary>At the end of a round.</summary>
    private void ChooseForm(bool successful)
    {
        if (!_isLoose)
        {
            return;
        }

        _quietRounds = _strayed || !successful ? 0 : _quietRounds + 1;
        if (_areBorrowed || _quietRounds == QuietRounds || _deadCount > 32 + (_entryCount / 4) || _deadTextBytes > 4096 + (_textBytes / 4))
        {
            Pack();
        }
    }

    /// <summary>Copies what lives into new arrays, in the order of exposition as the successors tell it.</summary>
    private void Pack()
    {
        var entries = new SeriesEntry[Count];
        var packer = new TextPacker(texts, hashSeed);
        var copied = 0;
        for (var id = _head; id >= 0 && !_entries[id].Has(SeriesFlags.Deleted); id = _next[id])
        {
            Move(id, ref packer);
        }

        // What the chain did not reach: lines that stand twice in the page bend it.
        for (var id = 0; id < _entryCount; id++)
        {
            if (!_entries[id].Has(SeriesFlags.Deleted))
            {
                Move(id, ref packer);
            }
        }

        var blocks = packer.Finish();
        DropLoose();
        (_entries, _entryCount, _blocks) = (entries, copied, blocks);
        _textBytes -= _deadTextBytes;
        (_deadCount, _deadTextBytes) = (0, 0);
        (_foundId, _found) = (0, default);
        _head = copied > 0 ? 0 : -1;

        void Move(int id, ref TextPacker packer)
        {
            packer.Add(TextOf(id));
            entries[copied++] = _entries[id];
            _entries[id].Flags |= SeriesFlags.Deleted;
        }
    }

    private void DropLoose()
    {
        if (_areBorrowed)
        {
            ArrayPool<byte>.Shared.Return(_tail);
            ArrayPool<SeriesEntry>.Shared.Return(_entries);
            ArrayPool<int>.Shared.Return(_slots);
            ArrayPool<int>.Shared.Return(_next);
            ArrayPool<TextPlace>.Shared.Return(_places);
            _areBorrowed = false;
        }

        (_slots, _next, _places, _tail, _tailLength) = ([], [], [], [], 0);
        _isLoose = false;
    }

    /// <summary>Cuts texts into blocks.</summary>
    private struct TextPacker(SharedTexts texts, ulong hashSeed)
    {
        private readonly List<byte[]> _blocks = [];
        private byte[] _block = ArrayPool<byte>.Shared.Rent(MostBlockBytes);
        private int _length;

        public void Add(ReadOnlySpan<byte> text)
        {
            var length = text.Length + TextBlock.MostLengthBytes;
            if (_length + length > MostBlockBytes)
            {
                EndBlock();
            }

            if (length > _block.Length)
            {
                ArrayPool<byte>.Shared.Return(_block);
                _block = ArrayPool<byte>.Shared.Rent(length);
            }

            _length = TextBlock.Write(_block, _length, text);
            if ((XxHash64.Hash(text, hashSeed) & BorderMask) == 0)
            {
                EndBlock();
            }
        }

        public byte[][] Finish()
        {
            EndBlock();
            ArrayPool<byte>.Shared.Return(_block);
            return [.. _blocks];
        }

        private void EndBlock()
        {
            if (_length > 0)
            {
                var block = _block.AsSpan(0, _length);
                _blocks.Add(texts.Share(block, XxHash64.Hash(block, hashSeed)));
                _length = 0;
            }
        }
    }
}
