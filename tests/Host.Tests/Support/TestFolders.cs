namespace Lambda.Host.Tests.Support;

/// <summary>What tests of the command line have in a folder.</summary>
internal static class TestFolders
{
    extension(TemporaryFolder folder)
    {
        /// <summary>The data folder of an application, which is made when it is first opened.</summary>
        public string Data => Path.Combine(folder.Path, "data");

        /// <summary>Writes a file.</summary>
        /// <returns>Its path.</returns>
        public string Write(string name, string content) => folder.Write(name, System.Text.Encoding.UTF8.GetBytes(content));

        /// <inheritdoc cref="Write(TemporaryFolder, string, string)"/>
        public string Write(string name, ReadOnlySpan<byte> content)
        {
            string path = Path.Combine(folder.Path, name);
            File.WriteAllBytes(path, content);
            return path;
        }
    }
}
