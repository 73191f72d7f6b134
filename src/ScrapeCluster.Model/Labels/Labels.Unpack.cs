using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Model;

public sealed partial class Labels
{
    /// <summary>
    /// The set whose <see cref="Packed"/> form these bytes are; they are copied. False for bytes from elsewhere that are none: lengths that reach beyond the
    /// end, names out of order or twice, empty values.
    /// </summary>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, [NotNullWhen(true)] out Labels? labels)
    {
        labels = null;
        var rest = packed;
        ReadOnlySpan<byte> last = default;
        var count = 0;
        while (!rest.IsEmpty)
        {
            if (!PackedText.TryTake(ref rest, out var name)
                || !PackedText.TryTake(ref rest, out var value)
                || value.IsEmpty
                || (count > 0 && last.SequenceCompareTo(name) >= 0))
            {
                return false;
            }

            last = name;
            count++;
        }

        labels = count == 0 ? Empty : new Labels(packed.ToArray(), count);
        return true;
    }
}
