using Lambda.Windows;

namespace Lambda.Views.Closing;

/// <summary>Tells, while the events of a history are read, which windows no more of them can fall into.</summary>
internal interface IClosing
{
    /// <summary>How it stands with windows that events within <paramref name="reach"/> would change.</summary>
    WindowProgress Of(TimeWindow reach);
}

/// <summary>How far a window has come.</summary>
internal enum WindowProgress
{
    /// <summary>It has been given already, or someone else gives it.</summary>
    Given,

    /// <summary>It has all its events and is to be given now.</summary>
    Due,

    /// <summary>Events may follow.</summary>
    Open,
}
