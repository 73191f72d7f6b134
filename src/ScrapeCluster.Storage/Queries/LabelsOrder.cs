using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Queries;

/// <summary>Order of label sets as Prometheus gives them: by name, then value, byte by byte; a shorter set first.</summary>
public sealed class LabelsOrder : IComparer<Labels>
{
    public static readonly LabelsOrder Instance = new();

    public int Compare(Labels? x, Labels? y)
    {
        var left = x!.GetEnumerator();
        var right = y!.GetEnumerator();
        while (left.MoveNext())
        {
            if (!right.MoveNext())
            {
                return 1;
            }

            var order = left.Current.Name.SequenceCompareTo(right.Current.Name);
            order = order != 0 ? order : left.Current.Value.SequenceCompareTo(right.Current.Value);
            if (order != 0)
            {
                return order;
            }
        }

        return right.MoveNext() ? -1 : 0;
    }
}
