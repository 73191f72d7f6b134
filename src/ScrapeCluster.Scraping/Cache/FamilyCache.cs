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

    // Only while a page does not come as expected: it would weigh more than the families themselves.
    private Dictionary<string, int>? _indexes;
    private bool _published = true;
    private int _current = -1;
    private int _round;

    public int Count => _families.Count;

    public long SizeBytes { get; private set; }

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

        _indexes ??= Enumerable.Range(0, _families.Count).ToDictionary(i => _families[i].Name, StringComparer.Ordinal);
        var text = Encoding.UTF8.GetString(name);
        if (_indexes.TryGetValue(text, out var index))
        {
            return index;
        }

        _indexes.Add(text, _families.Count);
        _families.Add(new FamilyMetadata(name.ToArray(), MetricType.Unknown, [], "", ""));
        _lastSeen.Add(_round);
        _published = false;
        return _families.Count - 1;
    }

    private void Replace(int index, FamilyMetadata family)
    {
        _families[index] = interner.Intern(family);
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
