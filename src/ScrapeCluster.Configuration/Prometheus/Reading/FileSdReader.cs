using System.Text.RegularExpressions;

namespace ScrapeCluster.Configuration;

/// <summary>Reads an entry of <c>file_sd_configs</c>.</summary>
internal static partial class FileSdReader
{
    public static FileSdConfig Read(Section section)
    {
        var files = new List<string>();
        foreach (var item in section.List("files"))
        {
            var pattern = item.AsString();
            if (!ValidPattern().IsMatch(pattern))
            {
                item.Fault($"path name \"{pattern}\" is not valid for file discovery: it must end in .json, .yml or .yaml, with at most one * in the last element");
            }

            files.Add(item.AsFile(ReferencedFileKind.TargetGroups));
        }

        if (files.Count == 0)
        {
            section.Fault("file service discovery config must contain at least one path name");
        }

        var refresh = section.Duration("refresh_interval", FileSdConfig.DefaultRefreshInterval);
        section.Finish();
        return new(files.ToValueList(), refresh);
    }

    [GeneratedRegex(@"\A[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)\z")]
    private static partial Regex ValidPattern();
}
