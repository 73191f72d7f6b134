using System.Text;

namespace ScrapeCluster.Model;

/// <summary>Patterns that need no machine: a list of literals, and anything between a fixed beginning and a fixed end.</summary>
internal abstract record Re2Shape
{
    private const int MaxProducts = 1000;

    private Re2Shape()
    {
    }

    /// <summary>Only these texts match.</summary>
    public sealed record OneOf(IReadOnlyList<string> Texts) : Re2Shape;

    /// <summary><c>prefix.*suffix</c> or <c>prefix.+suffix</c>, the middle perhaps the only group.</summary>
    public sealed record Framed(byte[] Prefix, byte[] Suffix, int MinMiddle, bool HasGroup) : Re2Shape
    {
        public bool IsMatch(ReadOnlySpan<byte> input)
        {
            return input.Length >= Prefix.Length + Suffix.Length + MinMiddle && input.StartsWith(Prefix) && input.EndsWith(Suffix);
        }
    }

    public static Re2Shape? Of(Re2Node node)
    {
        if (Expand(node) is { } texts)
        {
            return new OneOf([.. texts.Distinct(StringComparer.Ordinal)]);
        }

        return FrameOf(node is Re2Node.Concat concat ? concat.Items : [node]);
    }

    /// <summary>All texts of a node in order of precedence; null when they are too many or not finite.</summary>
    private static List<string>? Expand(Re2Node node)
    {
        switch (node)
        {
            case Re2Node.Empty:
                return [""];
            case Re2Node.OneOf oneOf:
                return ExpandSet(oneOf.Set);
            case Re2Node.Group group:
                return Expand(group.Item);
            case Re2Node.Alternate alternate:
                var texts = new List<string>();
                foreach (var branch in alternate.Branches)
                {
                    if (Expand(branch) is not { } more)
                    {
                        return null;
                    }

                    texts.AddRange(more);
                }

                return texts;
            case Re2Node.Concat concat:
                return ExpandConcat(concat.Items);
            default:
                return null;
        }
    }

    private static List<string>? ExpandSet(RuneSet set)
    {
        var texts = new List<string>();
        foreach (var (low, high) in set.Ranges)
        {
            // U+FFFD also stands for each byte that is not UTF-8, so it has no one text; surrogates have none.
            if (high - low > 16 || high is >= 0xD800 and <= 0xDFFF || set.Contains(0xFFFD))
            {
                return null;
            }

            for (var rune = low; rune <= high; rune++)
            {
                texts.Add(new Rune(rune).ToString());
            }
        }

        return texts.Count <= 16 ? texts : null;
    }

    private static List<string>? ExpandConcat(IReadOnlyList<Re2Node> items)
    {
        var texts = new List<string> { "" };
        var run = new StringBuilder();
        foreach (var item in items)
        {
            if (Expand(item) is not { } more || (long)texts.Count * more.Count > MaxProducts)
            {
                return null;
            }

            if (more.Count == 1)
            {
                // Runs of single characters are joined once, not once for every character.
                run.Append(more[0]);
                continue;
            }

            var joined = run.ToString();
            run.Clear();
            texts = [.. texts.SelectMany(_ => more, (head, tail) => head + joined + tail)];
        }

        return run.Length == 0 ? texts : texts.ConvertAll(text => text + run);
    }

    private static Framed? FrameOf(IReadOnlyList<Re2Node> items)
    {
        var prefix = new StringBuilder();
        var suffix = new StringBuilder();
        (int Min, bool HasGroup)? middle = null;
        foreach (var item in items)
        {
            var literal = item is Re2Node.OneOf { Set.Single: >= 0 and not 0xFFFD and not (>= 0xD800 and <= 0xDFFF) } one ? one.Set.Single : -1;
            if (literal >= 0)
            {
                (middle is null ? prefix : suffix).Append(new Rune(literal).ToString());
            }
            else if (middle is null && AnyRepeat(item) is { } found)
            {
                middle = found;
            }
            else
            {
                return null;
            }
        }

        return middle is { } any
            ? new Framed(Encoding.UTF8.GetBytes(prefix.ToString()), Encoding.UTF8.GetBytes(suffix.ToString()), any.Min, any.HasGroup)
            : null;
    }

    private static (int Min, bool HasGroup)? AnyRepeat(Re2Node node)
    {
        var isGroup = node is Re2Node.Group;
        var inner = node is Re2Node.Group group ? group.Item : node;
        return inner is Re2Node.Repeat { Item: Re2Node.OneOf oneOf, Min: 0 or 1, Max: < 0 } repeat && oneOf.Set.Equals(RuneSet.Any)
            ? (repeat.Min, isGroup)
            : null;
    }
}
