using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Lambda.Hosting.Composition;

/// <summary>Keeps the keys of this process's form tokens for as long as it lives. The usual place for them is the user's profile.</summary>
internal sealed class KeysInMemory : IXmlRepository
{
    private readonly Lock _lock = new();
    private readonly List<XElement> _keys = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_lock)
        {
            return [.. _keys.Select(key => new XElement(key))];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_lock)
        {
            _keys.Add(new XElement(element));
        }
    }
}
