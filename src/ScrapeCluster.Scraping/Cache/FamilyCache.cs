using System.Collections.Concurrent;
using System.Text;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// Type, help and unit of the families of one target. Families come in the same order at every scrape, so the next one is compared first.
/// </summary>
internal sealed class FamilyCache(FamilyInterner interner)
{
    // As Prometheus: what a target said of a metric is kept for ten scrapes after the metric is gone.
    private const int RoundsKept = 10;

    private readonly List<FamilyMetadata> _families = [];
    private readonly List<int> _lastSeen = [];

    // The families that said something new since a scrape was last stored.
    private readonly List<bool> _changed = [];
    private int _changedCount;

    // Only while a page does not come as expected: it would weigh more than the families themselves.
    private Dictionary<string, int>? _indexes;
    private bool _published = true;
    private int _current = -1;
    private int _round;

    public int Count => _families.Count;

    public long SizeBytes { get; private set; }

    /// <summary>The family whose lines were read last; null before the first of a round.</summary>
    public FamilyMetadata? Current => _current < 0 ? null : _families[_current];

    /// <summary>The present family says something that <see cref="MarkStored"/> has not confirmed yet.</summary>
    public bool IsCurrentChanged => _current >= 0 && _changed[_current];

    public void BeginRound()
    {
        _round++;
        _current = -1;
    }

    /// <summary>Takes in a TYPE, HELP or UNIT entry. Allocates only when it says something new.</summary>
    public void See<TParser>(ref TParser parser)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var index = IndexOf(parser.FamilyName);
        _current = index;
        _lastSeen[index] = _round;
        var known = _families[index];
        switch (parser.Entry)
        {
            case ExpositionEntry.Type when known.Type != parser.CurrentType:
                Replace(index, known.With(parser.CurrentType));
                break;
            case ExpositionEntry.Help when !known.ExposedHelp.SequenceEqual(parser.Text):
                Replace(index, known.With(parser.Text.ToArray(), parser.ReadText()));
                break;
            case ExpositionEntry.Unit when parser.ReadText() is var unit && unit != known.Unit:
                Replace(index, known.With(unit));
                break;
        }
    }

    /// <summary>Confirms that the storage has what this round's families say.</summary>
    public void MarkStored()
    {
        for (var i = 0; _changedCount > 0 && i < _changed.Count; i++)
        {
            if (_changed[i] && _lastSeen[i] == _round)
            {
                _changed[i] = false;
                _changedCount--;
            }
        }
    }

    /// <summary>The family of this round that the series of this name belongs to, also when it does not stand behind the family's lines.</summary>
    public FamilyMetadata? Of(ReadOnlySpan<byte> metric)
    {
        // A suffix begins at the last underscore.
        var text = Encoding.UTF8.GetString(metric);
        return Named(text, metric) ?? (text.LastIndexOf('_') is > 0 and var end ? Named(text[..end], metric) : null);
    }

    /// <summary>Ends the round; an array to publish when something changed, else null.</summary>
    public FamilyMetadata[]? EndRound(bool flush)
    {
        _indexes = null;
        if (flush && _lastSeen.Exists(seen => _round - seen > RoundsKept))
        {
            RemoveOld();
        }

        if (_published)
        {
            return null;
        }

        _published = true;
        SizeBytes = _families.Sum(static family => (long)family.SizeBytes);
        return [.. _families];
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        // HELP and TYPE of one family follow each other; then comes the next family.
        for (var guess = Math.Max(0, _current); guess <= _current + 1 && guess < _families.Count; guess++)
        {
            if (_families[guess].NameBytes.SequenceEqual(name))
            {
                return guess;
            }
        }

        var text = Encoding.UTF8.GetString(name);
        if (Indexes.TryGetValue(text, out var index))
        {
            return index;
        }

        Indexes.Add(text, _families.Count);
        _families.Add(new FamilyMetadata(name.ToArray(), MetricType.Unknown, [], "", ""));
        _lastSeen.Add(_round);
        _changed.Add(true);
        _changedCount++;
        _published = false;
        return _families.Count - 1;
    }

    private Dictionary<string, int> Indexes =>
        _indexes ??= Enumerable.Range(0, _families.Count).ToDictionary(i => _families[i].Name, StringComparer.Ordinal);

    private FamilyMetadata? Named(string family, ReadOnlySpan<byte> metric)
    {
        return Indexes.TryGetValue(family, out var index) && _lastSeen[index] == _round
            && FamilyRule.Includes(_families[index].NameBytes, _families[index].Type, metric)
            ? _families[index]
            : null;
    }

    private void Replace(int index, FamilyMetadata family)
    {
        _families[index] = interner.Intern(family);
        _changedCount += _changed[index] ? 0 : 1;
        _changed[index] = true;
        _published = false;
    }

    private void RemoveOld()
    {
        for (var i = _families.Count - 1; i >= 0; i--)
        {
            if (_round - _lastSeen[i] > RoundsKept)
            {
                _families.RemoveAt(i);
                _lastSeen.RemoveAt(i);
                _changedCount -= _changed[i] ? 1 : 0;
                _changed.RemoveAt(i);
            }
        }

        _published = false;
    }
}

/// <summary>Lets the targets of a pool share equal metadata. Bounded: when targets say ever new things it starts anew, and only the sharing suffers.</summary>
internal sealed class FamilyInterner(int maxFamilies = 20_000)
{
    private readonly ConcurrentDictionary<(string, MetricType, string, string, int), FamilyMetadata> _families = new();

    public FamilyMetadata Intern(FamilyMetadata family)
    {
        if (_families.Count >= maxFamilies)
        {
            _families.Clear();
        }

        return _families.GetOrAdd((family.Name, family.Type, family.Help, family.Unit, family.ExposedHelp.Length), family);
    }
}
