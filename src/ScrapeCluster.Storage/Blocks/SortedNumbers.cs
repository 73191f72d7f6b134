namespace ScrapeCluster.Storage.Blocks;

/// <summary>Ascending lists of series numbers, none twice.</summary>
internal static class SortedNumbers
{
    /// <summary>From so many times more numbers on, each number of the shorter list is sought in the longer one instead of walking it.</summary>
    private const int SearchFactor = 32;

    public static uint[] Intersect(uint[] left, uint[] right)
    {
        var (few, many) = left.Length <= right.Length ? (left, right) : (right, left);
        var common = new uint[few.Length];
        var count = 0;
        var at = 0;
        foreach (var number in few)
        {
            at = Advance(many, at, number, few.Length);
            if (at == many.Length)
            {
                break;
            }

            if (many[at] == number)
            {
                common[count++] = number;
            }
        }

        return common[..count];
    }

    /// <summary>Those of the first list that are not in the second.</summary>
    public static uint[] Except(uint[] numbers, uint[] removed)
    {
        var kept = new uint[numbers.Length];
        var count = 0;
        var at = 0;
        foreach (var number in numbers)
        {
            at = Advance(removed, at, number, numbers.Length);
            if (at == removed.Length || removed[at] != number)
            {
                kept[count++] = number;
            }
        }

        return kept[..count];
    }

    /// <summary>The first place from <paramref name="at"/> on whose number is not below the one sought.</summary>
    private static int Advance(uint[] numbers, int at, uint number, int seekers)
    {
        if (numbers.Length / SearchFactor > seekers)
        {
            var found = Array.BinarySearch(numbers, at, numbers.Length - at, number);
            return found >= 0 ? found : ~found;
        }

        while (at < numbers.Length && numbers[at] < number)
        {
            at++;
        }

        return at;
    }
}
